declare global {
  namespace App {
    interface Platform {
      env: {
        /** The Hono app, shaped like a service binding (worker/index.ts). */
        API: { fetch: (request: Request) => Promise<Response> }
      }
    }
  }
}

export {}
