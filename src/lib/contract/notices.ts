/** What is said beside an answer, while a run goes on: a code for programs, a sentence for people. */
export const NOTICES = {
  owner_came: 'The owner of this home needs it now, so this run was ended. It does not count.',
} as const

export type NoticeCode = keyof typeof NOTICES
