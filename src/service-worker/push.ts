const worker = globalThis as unknown as ServiceWorkerGlobalScope

/** The declarative form (worker/alerts/channels/push.ts): a browser that knows it does not need us for this. */
interface Told {
  notification: { title: string; body: string; tag: string; navigate: string; silent: boolean }
  app_badge: number
}

worker.addEventListener('push', (event) => {
  const { notification, app_badge } = event.data?.json() as Told
  const { title, navigate, ...options } = notification
  const shown = worker.registration.showNotification(title, {
    ...options,
    icon: '/app-192.png',
    data: navigate,
    // What takes the place of an earlier one would else make no sound, either.
    ...{ renotify: !options.silent },
  })
  event.waitUntil(Promise.all([shown, badge(app_badge)]))
})

worker.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(String(event.notification.data)))
})

/** Not every device has a badge, and none of them fails a notification for it. */
async function badge(count: number) {
  await worker.navigator.setAppBadge?.(count).catch(() => undefined)
}

/** A tab of ours that is open already, else a new one. Never anywhere else. */
async function open(navigate: string) {
  const url = new URL(navigate, worker.location.origin)
  const path = url.origin === worker.location.origin ? url.href : worker.location.origin
  const [tab] = await worker.clients.matchAll({ type: 'window' })
  // A tab that this worker does not govern cannot be led anywhere.
  const led = await tab?.navigate(path).catch(() => null)
  await (led ? led.focus() : worker.clients.openWindow(path))
}

export {}
