import { ApiError } from "../api/client.ts";
import { Failure } from "../parts/page.tsx";

export const NotFound = () => <Failure error={new ApiError(404, "")} />;
