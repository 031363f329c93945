/** `tritrack/env/node`: the parts of the environments that need Node: threads, servers and clients. */
export { Connection, ConnectionLost, RemoteError } from "./remote/connection-node.ts";
export { DEFAULT_LIMITS, type Limits } from "./remote/protocol.ts";
export { RemoteEnv, type RemoteEnvOptions } from "./remote/remote-env-node.ts";
export { RemoteVectorEnv, type RemoteVectorOptions } from "./remote/remote-vector-env-node.ts";
export { type EnvServer, type EnvServerOptions, startEnvServer } from "./remote/server-node.ts";
export type { EnvSource } from "./vector/env-source.ts";
export { WorkerVectorEnv, type WorkerVectorOptions } from "./vector/workers.ts";
