import { draft } from './draft.svelte'
import { ImageError, shrink } from './resize-image'

/** Adds images from the picker, the clipboard or a drop to the draft. */
export class PictureIntake {
  error = $state('')
  isBusy = $state(false)

  async add(files: readonly File[]) {
    this.isBusy = true
    this.error = ''
    for (const file of files) await this.#addOne(file)
    this.isBusy = false
    draft.save()
  }

  async #addOne(file: File) {
    try {
      draft.pictures = [...draft.pictures, await shrink(file)]
    } catch (refusal) {
      if (!(refusal instanceof ImageError)) throw refusal
      this.error = refusal.message
    }
  }
}
