const nameOf = (id: string) => `porchlight.run.${id}`

/** Tells the other tabs of this device that this page reads the run. The browser lets go when the page is gone. */
export function claim(id: string): () => void {
  let letGo: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    letGo = resolve
  })
  // Only over https and on this machine; elsewhere no tab knows of the others.
  void (navigator.locks as LockManager | undefined)?.request(nameOf(id), () => over)
  return letGo
}

/** Whether another tab reads this run at this moment. */
export async function isReadElsewhere(id: string): Promise<boolean> {
  const state = await (navigator.locks as LockManager | undefined)?.query()
  return state?.held?.some(({ name }) => name === nameOf(id)) ?? false
}
