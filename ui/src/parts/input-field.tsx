// One input of a flow with its control, its hint and its error.

import { Input } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import type { ChangeEvent } from "react";
import type { FlowInput } from "../api/types.ts";
import type { FieldView, Given } from "../model/input-form.ts";
import { InlineMarkdown } from "./markdown.tsx";

/** A value and its text on the page. */
type Options = readonly (readonly [string, string])[];

const BOXES: ReadonlySet<string> = new Set(["JSON", "YAML", "ARRAY"]);
const TYPES: Readonly<Record<string, string>> = {
  INT: "number",
  FLOAT: "number",
  DATE: "date",
  TIME: "time",
  DATETIME: "datetime-local",
  EMAIL: "email",
  SECRET: "password",
};
const HINTS: Readonly<Record<string, string>> = {
  DURATION: "such as PT5M",
  ARRAY: "a JSON list",
  URI: "address",
};
const YES_NO: Options = [
  ["true", "yes"],
  ["false", "no"],
];

interface FieldProps {
  field: FieldView;
  /** The id of its control. */
  name: string;
  give: (given: Given) => void;
  leave: () => void;
}

export function InputField({ field, name, give, leave }: FieldProps) {
  const { input, asked, touched } = field;
  const error = touched ? field.error : "";
  return (
    <div className="field" hidden={!asked}>
      <label htmlFor={name}>{input.displayName ?? input.id}</label>
      <Control
        field={field}
        give={give}
        leave={leave}
        attributes={{
          id: name,
          name: input.id,
          "aria-describedby": `${name}-hint ${name}-wrong`,
          "aria-required": input.required === true && input.defaults === undefined,
          "aria-invalid": error !== "",
        }}
      />
      <Hint input={input} id={`${name}-hint`} />
      <p className="problem" id={`${name}-wrong`} role="alert">
        {error}
      </p>
    </div>
  );
}

function Hint({ input, id }: { input: FlowInput; id: string }) {
  const kind = [input.type, HINTS[input.type], input.required ? null : "optional"];
  return (
    <p className="note" id={id}>
      {kind.filter(Boolean).join(" · ")}
      {input.description ? (
        <>
          {" — "}
          <InlineMarkdown text={input.description} />
        </>
      ) : null}
    </p>
  );
}

interface ControlProps extends Omit<FieldProps, "name"> {
  attributes: Record<string, string | boolean>;
}

/** Empty fields are not sent, so that the flow's default applies. */
function Control({ field, give, leave, attributes }: ControlProps) {
  const { input } = field;
  const values = optionsOf(input);
  if (input.type === "FILE") return <FileControl {...{ input, give, leave, attributes }} />;
  if (input.type === "MULTISELECT" && values.length)
    return <Many {...{ field, give, leave, attributes, values }} />;
  const choices = input.type === "BOOL" || input.type === "BOOLEAN" ? YES_NO : values;
  if (choices.length && !input.allowCustomValue)
    return <One {...{ field, give, leave, attributes, values: choices }} />;
  const text = {
    ...attributes,
    value: typeof field.given === "string" ? field.given : "",
    placeholder: field.fallback,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => give(event.target.value),
    onBlur: () => {
      if (field.given !== undefined) leave();
    },
  };
  if (BOXES.has(input.type))
    return <Input component="textarea" multiline rows={5} classNames={{ input: "mono" }} {...text} />;
  const step = input.type === "FLOAT" || input.type === "TIME" ? "any" : undefined;
  return <Input type={TYPES[input.type] ?? "text"} step={step} {...text} />;
}

function FileControl({ input, give, leave, attributes }: Omit<ControlProps, "field"> & { input: FlowInput }) {
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    give(event.target.files?.[0] ?? "");
    leave();
  };
  return (
    <Input type="file" accept={input.allowedFileExtensions?.join(",")} onChange={choose} {...attributes} />
  );
}

interface ChoiceProps extends ControlProps {
  values: Options;
}

function One({ field, give, leave, attributes, values }: ChoiceProps) {
  const choose = (event: ChangeEvent<HTMLSelectElement>) => {
    give(event.target.value);
    leave();
  };
  const given = typeof field.given === "string" ? field.given : "";
  return (
    <Input
      component="select"
      pointer
      value={given}
      onChange={choose}
      rightSection={<ChevronDown size={14} aria-hidden />}
      rightSectionPointerEvents="none"
      {...attributes}
    >
      <option value="">{field.fallback === undefined ? "—" : `default: ${field.fallback}`}</option>
      <OptionList of={values} />
    </Input>
  );
}

function Many({ field, give, leave, attributes, values }: ChoiceProps) {
  const choose = (event: ChangeEvent<HTMLSelectElement>) => {
    give([...event.target.selectedOptions].map(each => each.value));
    leave();
  };
  const given = Array.isArray(field.given) ? field.given.map(String) : [];
  return (
    <Input component="select" multiple multiline value={given} onChange={choose} {...attributes}>
      <OptionList of={values} />
    </Input>
  );
}

const OptionList = ({ of }: { of: Options }) =>
  of.map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));

const optionsOf = (input: FlowInput): Options =>
  (input.values ?? input.options ?? []).map(each =>
    typeof each === "object"
      ? [String(each.value), String(each.label ?? each.value)]
      : [String(each), String(each)],
  );
