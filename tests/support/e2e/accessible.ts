import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** Legacy mode spares the blank page in which axe combines frames of other origins: our pages have none. */
export const axeOn = (page: Page) => new AxeBuilder({ page }).setLegacyMode()

interface Looks {
  schemes?: readonly ('light' | 'dark')[]
  widths: readonly number[]
}

/** Shows the open page in every scheme and width. In each, axe finds no violation and nothing overflows sideways. */
export async function expectAccessible(page: Page, { schemes = ['light', 'dark'], widths }: Looks) {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 })
      const { violations } = await axeOn(page).analyze()
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        `${colorScheme}, ${width} px`,
      ).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        width,
      )
    }
  }
}
