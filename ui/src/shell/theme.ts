// The choices of the component library. Colours and sizes are tokens of `style/tokens.css`.

import { createTheme } from "@mantine/core";

export const theme = createTheme({
  cursorType: "pointer",
  defaultRadius: "sm",
  components: {
    Button: { defaultProps: { size: "sm" } },
    // The form says in words what is missing, so no star becomes a part of a name.
    InputWrapper: { defaultProps: { withAsterisk: false } },
    Modal: { defaultProps: { radius: "md" } },
  },
});
