import { spawn } from 'node:child_process';

/** Whether this terminal belongs to a desktop of this computer. */
export function hasBrowser(environment: Readonly<Record<string, string | undefined>>): boolean {
  const { DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION } = environment;
  return SSH_CONNECTION === undefined && Boolean(DISPLAY ?? WAYLAND_DISPLAY);
}

/**
 * Opens a page in the person's browser, by xdg-open(1), or does nothing: the person has the address as well. It must hold no secret: others
 * see it among the processes.
 */
export function openBrowser(page: string): void {
  const child = spawn('xdg-open', [page], { stdio: 'ignore', detached: true });
  child.once('error', () => undefined);
  child.unref();
}
