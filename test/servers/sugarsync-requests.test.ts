/**
 * The fake of SugarSync against requests that are written by hand from the documents of its Platform API, and sent by curl. No program that
 * speaks to SugarSync takes the address of another service; rclone is led here by a proxy, in `sugarsync.test.ts`.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SugarSyncFake } from '../fakes/sugarsync/sugarsync-fake.ts';
import { ClientFolder } from './clients/client-folder.ts';
import { notInstalled } from './installed.ts';

const limit = { timeout: 120_000 };
const xml = ['-H', 'Content-Type: application/xml; charset=UTF-8'];

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** The text of the first element of this name. */
function inside(name: string, { body }: Answer): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? '';
}

describe('requests of the Platform API, written by hand', { ...limit, skip: notInstalled('curl') }, () => {
  it('authorize, make, fill, list, rename, move, copy and delete', limit, async () => {
    const fake = await SugarSyncFake.start();
    await using folder = await ClientFolder.make('sugarsync-requests');
    try {
      const { accessKeyId, privateAccessKey, application, user, password } = fake.logins;
      const send = async (method: string, address: string, ...args: string[]): Promise<Answer> => {
        const form = '\n%{http_code} %header{location}';
        const said = await folder.text('curl', ['-sS', '-X', method, '-w', form, ...args, address]);
        const end = said.lastIndexOf('\n');
        const [status = '', location = ''] = said.slice(end + 1).split(' ');
        return { status: Number(status), location, body: said.slice(0, end) };
      };
      const keys = `<accessKeyId>${accessKeyId}</accessKeyId><privateAccessKey>${escaped(privateAccessKey)}</privateAccessKey>`;
      const letIn = (secret: string): string =>
        `<?xml version="1.0" encoding="UTF-8" ?>\n<appAuthorization>\n  <username>${user}</username>\n  <password>${escaped(secret)}</password>\n  <application>${application}</application>\n  ${keys}\n</appAuthorization>`;
      const post = (address: string, body: string, ...more: string[]): Promise<Answer> =>
        send('POST', address, ...xml, '--data-binary', body, ...more);

      assert.equal((await post(`${fake.origin}/app-authorization`, letIn('wrong'))).status, 401);
      const refresh = await post(`${fake.origin}/app-authorization`, letIn(password));
      assert.match(refresh.location, /\/app-authorization\//);
      const ask = `<tokenAuthRequest>${keys}<refreshToken>${refresh.location}</refreshToken></tokenAuthRequest>`;
      const access = await post(`${fake.origin}/authorization`, ask);
      assert.ok(Date.parse(inside('expiration', access)) > Date.now());
      const login = ['-H', `Authorization: ${access.location}`];

      assert.equal((await send('GET', `${fake.origin}/user`)).status, 401);
      const account = await send('GET', `${fake.origin}/user`, ...login);
      const top = await send('GET', inside('syncfolders', account), ...login);
      assert.match(top.body, /<collection type="syncFolder"><displayName>Magic Briefcase</);
      const briefcase = inside('magicBriefcase', account);
      const made = await post(briefcase, '<folder><displayName>A &amp; B</displayName></folder>', ...login);
      const one = '<file><displayName>one</displayName><mediaType>text/plain</mediaType></file>';
      assert.equal((await post(made.location, '<file><displayName>one</displayName></file>', ...login)).status, 400);
      const file = await post(made.location, one, ...login);
      assert.equal((await post(made.location, one, ...login)).status, 400);
      assert.equal(inside('presentOnServer', await send('GET', file.location, ...login)), 'false');
      const data = ['--data-binary', 'content', '-H', 'Content-Type: application/octet-stream'];
      assert.equal((await send('PUT', `${file.location}/data`, ...data, ...login)).status, 204);
      assert.equal((await send('GET', `${file.location}/data`, ...login)).body, 'content');
      assert.equal((await send('GET', `${file.location}/data`, '-r', '3-5', ...login)).body, 'ten');

      const list = (address: string): Promise<Answer> =>
        send('GET', `${address}/contents?start=0&max=500&order=name`, ...login);
      assert.match((await list(made.location)).body, /<collectionContents start="0" hasMore="false" end="0">/);
      assert.match((await list(briefcase)).body, /<collection type="folder"><displayName>A &#38; B</);

      const update = (body: string): Promise<Answer> => send('PUT', file.location, ...xml, '--data', body, ...login);
      assert.equal((await update('<file><displayName>two</displayName></file>')).status, 200);
      assert.equal((await update(`<file><parent>${briefcase}</parent></file>`)).status, 200);
      const moved = await send('GET', file.location, ...login);
      assert.deepEqual([inside('displayName', moved), inside('parent', moved)], ['two', briefcase]);
      const copying = `<fileCopy source="${file.location}"><displayName>three</displayName></fileCopy>`;
      const copy = await post(made.location, copying, ...login);
      assert.equal((await send('GET', `${copy.location}/data`, ...login)).body, 'content');

      assert.equal((await send('DELETE', file.location, ...login)).status, 204);
      const gone = await send('GET', file.location, ...login);
      assert.equal(gone.status, 404);
      assert.match(gone.body, /<h3>.+<\/h3>/);
      assert.equal((await send('DELETE', made.location, ...login)).status, 204);
      assert.deepEqual(
        fake.disk.orphans.map(({ name }) => name),
        ['three'],
      );
    } finally {
      await fake.close();
    }
  });
});
