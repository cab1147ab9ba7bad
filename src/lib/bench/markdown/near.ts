/** Runs `act` once, when the element comes close to the visible part of the page. */
export const whenNear = (act: () => Promise<void>) => (element: Element) => {
  const observer = new IntersectionObserver(
    ([entry]) => {
      if (!entry?.isIntersecting) return
      observer.disconnect()
      // The page paints first. If `act` fails, the plain text stays.
      requestAnimationFrame(() => setTimeout(() => void act().catch(() => undefined)))
    },
    { rootMargin: '400px' },
  )
  observer.observe(element)
  return () => observer.disconnect()
}
