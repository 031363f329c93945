/** `tritrack/env/node`: what of the environments needs Node. */
export { Connection, ConnectionLost, RemoteError } from "./remote/connection-node.ts";
export { RemoteEnv, type RemoteEnvOptions } from "./remote/remote-env-node.ts";
export { type EnvServer, type EnvServerOptions, startEnvServer } from "./remote/server-node.ts";
export type { EnvSource } from "./vector/env-source.ts";
export { WorkerVectorEnv, type WorkerVectorOptions } from "./vector/workers.ts";
