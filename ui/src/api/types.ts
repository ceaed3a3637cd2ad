// The parts of the HTTP API's answers that the page reads. The server leaves nulls out, so absent means null.

export interface Page<T> {
  results: T[];
  total: number;
}

export interface Place {
  state: string;
  date: string;
}

export interface Label {
  key: string;
  value: string;
}

export interface StateView {
  current: string;
  histories: Place[];
  startDate: string;
  endDate?: string;
}

export interface TaskRun {
  id: string;
  taskId: string;
  parentTaskRunId?: string;
  value?: string;
  iteration?: number;
  attempts?: unknown[];
  outputs?: Record<string, unknown>;
  state: StateView;
}

/** An item of a list has no task runs. */
export interface Execution {
  id: string;
  namespace: string;
  flowId: string;
  flowRevision: number;
  state: StateView;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  labels?: Label[];
  trigger?: { id: string };
  parentId?: string;
  taskRunList?: TaskRun[];
}

/** A summary of one of the last executions of a flow. */
export interface LastExecution {
  id: string;
  namespace: string;
  flowId: string;
  status: string;
  startDate: string;
  endDate?: string;
}

export type InputValue = string | number | boolean;

export interface FlowInput {
  id: string;
  type: string;
  displayName?: string;
  description?: string;
  required?: boolean;
  defaults?: unknown;
  values?: (InputValue | { value: InputValue; label: string })[];
  options?: (InputValue | { value: InputValue; label: string })[];
  allowCustomValue?: boolean;
  /** Of a FILE, each with its dot. */
  allowedFileExtensions?: string[];
}

export interface Flow {
  id: string;
  namespace: string;
  revision: number;
  description?: string;
  disabled?: boolean;
  inputs?: FlowInput[];
  concurrency?: { limit?: number; behavior?: string };
  /** Why a stored flow can no longer be read. */
  exception?: string;
}

export interface FlowWithSource extends Flow {
  source: string;
}

/** The server's view of one input: whether it is asked for, its value, and its errors. */
export interface InputLine {
  input: { id: string };
  value?: unknown;
  enabled: boolean;
  isDefault: boolean;
  errors: { message: string }[];
}

export interface LogLine {
  timestamp: string;
  level: string;
  message: string;
  taskId?: string;
  taskRunId?: string;
}

/** A line of the list of all lines. A trigger's line has no execution. */
export interface LogEntry extends LogLine {
  namespace: string;
  flowId: string;
  executionId?: string;
  triggerId?: string;
}

export interface TriggerState {
  namespace: string;
  flowId: string;
  triggerId: string;
  disabled: boolean;
  /** It fires again when the execution of `executionId` has ended. */
  locked: boolean;
  executionId?: string;
  nextExecutionDate?: string;
  lastTriggeredDate?: string;
  /** What is wrong with it. */
  problem?: string;
  backfill?: Backfill;
}

/** Past dates that a schedule runs now. */
export interface Backfill {
  start: string;
  end: string;
  /** The next one to run. */
  currentDate?: string;
  paused: boolean;
}

export interface TriggerItem {
  trigger: { id: string; type: string; cron?: string; timezone?: string };
  state: TriggerState;
}

export interface Violation {
  detail: string;
  /** Of a flow: the whole violation in one line, as the command line shows it. */
  text?: string;
  pointer?: string;
  line?: number;
  column?: number;
}

/** Something wrong in the text of a flow. Lines and columns count characters from 1. */
export interface Finding {
  line: number;
  column: number;
  endColumn: number;
  severity: "error" | "warning" | "hint";
  message: string;
}

/** What may stand at a place: `insert` replaces the text from `column` to the cursor. */
export interface Offer {
  label: string;
  kind: string;
  insert: string;
  column: number;
  detail: string;
  documentation: string;
  deprecated: boolean;
}

export interface Assist {
  completions: Offer[];
  /** Markdown. */
  hover: string;
  diagnostics: Finding[];
}

/** The answer to a refused request. */
export interface Refusal {
  message?: string;
  errors?: Violation[];
}

interface GraphTask {
  id: string;
  type?: string;
}

export interface GraphNode {
  uid: string;
  task?: GraphTask;
  triggerDeclaration?: GraphTask;
}

/** A flow as the server draws it. */
export interface FlowGraph {
  nodes: GraphNode[];
  edges: { source: string; target: string; relation?: { relationType?: string; value?: string } }[];
  /** Around the tasks of a flowable, or around the triggers. */
  clusters: { cluster: { uid: string; taskNode?: GraphNode }; nodes: string[] }[];
}

/** A flow as it was when it was saved. */
export interface Revision extends FlowWithSource {
  updated?: string;
}

export interface MetricEntry {
  taskId?: string;
  type: string;
  name: string;
  value: number;
  timestamp: string;
  tags?: Record<string, string>;
}

/** A metric over time. */
export interface MetricSeries {
  /** A span of time, such as `day`. */
  groupBy: string;
  aggregations: { name: string; value: number; date: string }[];
}

/** Which flow starts which. */
export interface Dependencies {
  nodes: { uid: string; namespace: string; id: string }[];
  edges: { source: string; target: string; relation: "FLOW_TASK" | "FLOW_TRIGGER" }[];
}

/** Numbers of executions, by the day (UTC) on which they began and by state. */
export interface Usage {
  executions: { dailyExecutionsCount: { startDate: string; executionCounts: Record<string, number> }[] };
}

/** What an expression gives with the values of an execution. */
export interface Evaluated {
  result?: string;
  error?: string;
}

export interface Namespace {
  id: string;
}

/** A key of the store of values of a namespace. */
export interface ValueEntry {
  namespace?: string;
  key: string;
  description?: string;
  updateDate?: string;
  expirationDate?: string;
}

export interface StoredValue {
  type: string;
  value?: unknown;
}

export interface FileAttributes {
  fileName: string;
  type: "File" | "Directory";
  size?: number;
}

export interface PluginElement {
  cls: string;
  title?: string;
  deprecated?: boolean;
}

export interface PluginGroup {
  name: string;
  title: string;
  group: string;
  tasks: PluginElement[];
  triggers: PluginElement[];
  taskRunners: PluginElement[];
}
