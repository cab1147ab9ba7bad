import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder, run, start, until, type Program } from './programs.ts'

/** Folders that nginx wants to make somewhere in the system, unless it was built without what they are for. */
const SCRATCH = {
  client_body: 'rewrite',
  proxy: 'proxy',
  fastcgi: 'fastcgi',
  uwsgi: 'uwsgi',
  scgi: 'scgi',
} as const

function scratch(): string {
  const built = run('/bin/sh', ['-c', 'nginx -V 2>&1'])
  return Object.entries(SCRATCH)
    .filter(([, module]) => !built.includes(`--without-http_${module}_module`))
    .map(([name]) => `${name}_temp_path ${name};`)
    .join('\n')
}

/** One nginx that listens as `servers` say; `http` stands beside them. Files in `files` lie in its folder. */
export async function startNginx(
  port: number,
  {
    servers,
    http = '',
    files = {},
  }: { servers: string; http?: string; files?: Record<string, string> },
): Promise<Program> {
  const { path, remove } = folder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  const config = `
    daemon off;
    master_process off;
    pid nginx.pid;
    error_log stderr;
    events {}
    http { access_log off; ${scratch()} ${http} ${servers} }`
  writeFileSync(join(path, 'nginx.conf'), config)
  const program = start('nginx', ['-p', `${path}/`, '-e', 'stderr', '-c', join(path, 'nginx.conf')])
  await until(port, true, program)
  return {
    ...program,
    stop: async (signal) => {
      await program.stop(signal)
      remove()
    },
  }
}
