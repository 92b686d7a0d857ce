/** A command that could not do what was asked. The message is one line; `exitCode` is 1, or 2 for bad usage. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
