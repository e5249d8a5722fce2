import { randomUUID } from 'node:crypto';

/** One developer, one program, one person who may let it in, and the tokens that are good. */
export class SugarLogins {
  readonly accessKeyId: string = 'MTIzNDU2';
  readonly privateAccessKey: string = 'key <&> "private"';
  readonly application: string = '/sc/566494/215_1';
  readonly user: string = 'anna@example.com';
  readonly password: string = '<p&ss>"w\'ord';
  /** How long an access token is good, in milliseconds. */
  lifetime: number = 3_600_000;
  /** How often a password was sent. */
  passwords: number = 0;
  /** Any keys and any application are good: rclone 1.60 sends those that are built into it, whatever its configuration says. */
  takesAnyDeveloper: boolean = false;
  readonly refreshTokens: Set<string> = new Set();
  readonly #tokens: Map<string, number> = new Map();

  isDeveloper(fields: Readonly<Record<string, string>>): boolean {
    if (this.takesAnyDeveloper) return true;
    return fields['accessKeyId'] === this.accessKeyId && fields['privateAccessKey'] === this.privateAccessKey;
  }

  isPerson(fields: Readonly<Record<string, string>>): boolean {
    this.passwords++;
    const { username, password, application } = fields;
    const isProgram = this.takesAnyDeveloper || application === this.application;
    return username === this.user && password === this.password && isProgram;
  }

  makeRefreshToken(origin: string): string {
    const token = `${origin}/app-authorization/${randomUUID()}`;
    this.refreshTokens.add(token);
    return token;
  }

  /** Answers the token, and when it ends. */
  makeToken(origin: string): { readonly token: string; readonly expires: number } {
    const [token, expires] = [`${origin}/authorization/${randomUUID()}`, Date.now() + this.lifetime];
    this.#tokens.set(token, expires);
    return { token, expires };
  }

  isGood(authorization: string | undefined): boolean {
    return (this.#tokens.get(authorization ?? '') ?? 0) > Date.now();
  }

  /** All access tokens end. */
  expire(): void {
    this.#tokens.clear();
  }
}
