export { traceOf, Tracing, type Part } from './tracing';
