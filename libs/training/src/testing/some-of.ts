/**
 * Every `nth` of the cases, the first among them: for cases that take long and differ in little. With UNROLL_TEST_ALL=1 all of them, as
 * before a release.
 */
export const someOf = <Case>(cases: readonly Case[], nth = 2): Case[] =>
  process.env.UNROLL_TEST_ALL ? [...cases] : cases.filter((_, index) => index % nth === 0);
