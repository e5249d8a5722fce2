import type { MountControl } from '../../src/vfs/mount-control.ts';

/** A control that keeps what it is told, and refuses configurations with the word "wrong". */
export class RecordedControl implements MountControl {
  readonly configured: string[] = [];
  stops = 0;
  problem = '';
  text = '# nothing yet\n';
  statisticsText = 'figures\n';

  configuration(): string {
    return this.text;
  }

  async configure(text: string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.configured.push(text);
    this.problem = text.includes('wrong') ? 'it is wrong\n' : '';
    if (this.problem !== '') throw new Error(this.problem);
    this.text = text;
  }

  stop(): void {
    this.stops += 1;
  }

  statistics(): string {
    return this.statisticsText;
  }

  errors(): string {
    return this.problem;
  }

  notUploaded(): string {
    return '/a\n/ü\n';
  }
}
