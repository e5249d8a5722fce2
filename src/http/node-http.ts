/**
 * Node's own HTTP module. An `import` of it reads all its exports, and some of them load Node's copy of undici, which takes a tenth of
 * a second in each thread and serves nobody here.
 */
export const nodeHttp: typeof import('node:http') = process.getBuiltinModule('node:http');
