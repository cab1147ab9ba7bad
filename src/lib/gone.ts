const NOT_FOUND = 404

/** Whether what was to be deleted is not there any more: somebody may have been quicker. `null`: nobody answered. */
export const isGone = (response: { ok: boolean; status: number } | null): boolean =>
  response !== null && (response.ok || response.status === NOT_FOUND)
