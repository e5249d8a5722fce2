import assert from 'node:assert/strict';
import { it } from 'node:test';
import { S3Store } from '../../src/providers/s3/s3-store.ts';
import { writeBytes } from '../../src/store/operations.ts';
import { RcloneClient } from './clients/rclone-client.ts';
import type { S3Server } from './s3-server.ts';

/**
 * Registers the test in which rclone reads the metadata that we wrote, and we read what it wrote. rclone sends texts beyond ASCII as
 * they are; Swift takes their bytes for characters and encodes them once more (`keepsBytes`).
 */
export function testS3MetadataTools(server: () => S3Server, { keepsBytes }: { readonly keepsBytes: boolean }): void {
  it('rclone reads modes that we wrote, and the other way round', async () => {
    const { accessKey: id, secretKey: secret, endpoint, region } = server();
    const store = new S3Store({ bucket: 'metadata-bucket', id, secret, endpoint, region });
    await using rclone = await RcloneClient.make({ kind: 's3', ...server() });
    const metadata = { mode: '100751', note: 'a plain text' };
    await writeBytes(store, '/ours', 'ours', { metadata, modified: Date.UTC(2001, 1, 3) });
    const [listed] = JSON.parse(
      (await rclone.run('lsjson', '--metadata', 'remote:metadata-bucket/ours')).toString(),
    ) as { Metadata: Record<string, string> }[];
    assert.equal(listed?.Metadata['mode'], '100751');
    assert.equal(listed?.Metadata['note'], 'a plain text');
    assert.equal(Date.parse(listed?.Metadata['mtime'] ?? ''), Date.UTC(2001, 1, 3));
    await rclone.run('copyto', '--metadata', 'remote:metadata-bucket/ours', 'remote:metadata-bucket/copied');
    const note = keepsBytes ? 'naïve' : 'plain';
    const set = ['--metadata-set', 'mode=100600', '--metadata-set', `note=${note}`];
    await rclone.run('copyto', '--metadata', ...set, import.meta.filename, 'remote:metadata-bucket/theirs');
    const copied = await store.stat('/copied');
    assert.deepEqual(copied.kind === 'file' && copied.metadata?.['mode'], '100751');
    const theirs = await store.stat('/theirs');
    assert.ok(theirs.kind === 'file');
    assert.deepEqual([theirs.metadata?.['mode'], theirs.metadata?.['note']], ['100600', note]);
    await store.close();
  });
}
