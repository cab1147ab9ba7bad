/** A row of the database holds two megabytes at most, so a large image takes several. Characters of base64. */
const PART_LENGTH = 1_000_000

/** The images of recipes, in Home's database. */
export function runImagesOf(sql: SqlStorage) {
  function add(id: string, images: readonly string[]) {
    images.forEach((image, nth) => {
      for (let part = 0; part * PART_LENGTH < image.length; part++)
        sql.exec(
          'INSERT INTO run_image (run_id, image, part, base64) VALUES (?, ?, ?, ?)',
          ...[id, nth, part, image.slice(part * PART_LENGTH, (part + 1) * PART_LENGTH)],
        )
    })
  }

  function find(id: string): string[] {
    const images: string[] = []
    const rows = sql.exec<{ image: number; base64: string }>(
      'SELECT image, base64 FROM run_image WHERE run_id = ? ORDER BY image, part',
      id,
    )
    for (const { image, base64 } of rows) images[image] = (images[image] ?? '') + base64
    return images
  }

  function remove(id: string) {
    sql.exec('DELETE FROM run_image WHERE run_id = ?', id)
  }

  return { add, find, remove }
}
