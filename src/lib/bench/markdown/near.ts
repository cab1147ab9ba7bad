/** Does something once, when an element comes near to what is looked at. */
export const whenNear = (act: () => Promise<void>) => (element: Element) => {
  const observer = new IntersectionObserver(
    ([entry]) => {
      if (!entry?.isIntersecting) return
      observer.disconnect()
      // A picture of the page comes first; what fails to load leaves the plain text.
      requestAnimationFrame(() => setTimeout(() => void act().catch(() => undefined)))
    },
    { rootMargin: '400px' },
  )
  observer.observe(element)
  return () => observer.disconnect()
}
