const worker = globalThis as unknown as ServiceWorkerGlobalScope

/** Declarative Web Push (worker/alerts/channels/push.ts): browsers that support it do not call this worker. */
interface PushMessage {
  notification: { title: string; body: string; tag: string; navigate: string; silent: boolean }
  app_badge: number
}

worker.addEventListener('push', (event) => {
  const { notification, app_badge } = event.data?.json() as PushMessage
  const { title, navigate, ...options } = notification
  const shown = worker.registration.showNotification(title, {
    ...options,
    icon: '/app-192.png',
    data: navigate,
    // Without it, a notification that replaces an earlier one is silent.
    ...{ renotify: !options.silent },
  })
  event.waitUntil(Promise.all([shown, badge(app_badge)]))
})

worker.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(String(event.notification.data)))
})

/** Not every device supports a badge, and a failure must not prevent the notification. */
async function badge(count: number) {
  if ('setAppBadge' in worker.navigator)
    await worker.navigator.setAppBadge(count).catch(() => undefined)
}

/** Prefers a tab that is already open. Addresses of other origins are never opened. */
async function open(navigate: string) {
  const url = new URL(navigate, worker.location.origin)
  const path = url.origin === worker.location.origin ? url.href : worker.location.origin
  const [tab] = await worker.clients.matchAll({ type: 'window' })
  // `navigate` fails for a tab that this worker does not control.
  const navigated = await tab?.navigate(path).catch(() => null)
  await (navigated ? navigated.focus() : worker.clients.openWindow(path))
}

export {}
