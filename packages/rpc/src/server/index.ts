export { RpcServer, type RpcServerOptions } from './rpc-server.js';
