// The choices of the component library. Colours and sizes are tokens of `style/tokens.css`.

import { createTheme } from "@mantine/core";

export const theme = createTheme({
  cursorType: "pointer",
  defaultRadius: "sm",
  components: {
    Button: { defaultProps: { size: "sm" } },
    Modal: { defaultProps: { radius: "md" } },
  },
});
