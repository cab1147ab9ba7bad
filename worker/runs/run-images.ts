/** Characters of base64. A database row holds two megabytes at most, so a large image takes several rows. */
const PART_LENGTH = 1_000_000

/** The images of recipes. */
export class RunImages {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  add(runId: string, images: readonly string[]) {
    for (const [index, image] of images.entries())
      for (let part = 0; part * PART_LENGTH < image.length; part++)
        this.#sql.exec(
          'INSERT INTO run_image (run_id, image, part, base64) VALUES (?, ?, ?, ?)',
          runId,
          index,
          part,
          image.slice(part * PART_LENGTH, (part + 1) * PART_LENGTH),
        )
  }

  find(runId: string): string[] {
    const images: string[] = []
    const rows = this.#sql.exec<{ image: number; base64: string }>(
      'SELECT image, base64 FROM run_image WHERE run_id = ? ORDER BY image, part',
      runId,
    )
    for (const { image, base64 } of rows) images[image] = (images[image] ?? '') + base64
    return images
  }

  remove(runId: string) {
    this.#sql.exec('DELETE FROM run_image WHERE run_id = ?', runId)
  }
}
