// SvelteKit's built server, written by `npm run build`; wrapped by index.ts.
declare module '*/_worker.js' {
  const page: {
    fetch: (request: Request, env: unknown, ctx: ExecutionContext) => Promise<Response>
  }
  export default page
}
