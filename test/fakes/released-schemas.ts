/** The tables of every version of the cache's database as it was released, from version 1 on. Nothing here is ever changed; a new version is added below. */
export const releasedSchemas: readonly string[] = [
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL ) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_content ON node (content) WHERE content <> 0;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT, link INTEGER NOT NULL DEFAULT 0, read_at REAL NOT NULL DEFAULT 0, attributes TEXT, metadata_changes TEXT, synced_metadata TEXT) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_content ON node (content) WHERE content <> 0;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT, link INTEGER NOT NULL DEFAULT 0, read_at REAL NOT NULL DEFAULT 0, attributes TEXT, metadata_changes TEXT, synced_metadata TEXT, data_modified REAL NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_content ON node (content) WHERE content <> 0;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT, link INTEGER NOT NULL DEFAULT 0, read_at REAL NOT NULL DEFAULT 0, attributes TEXT, metadata_changes TEXT, synced_metadata TEXT, data_modified REAL NOT NULL DEFAULT 0, synced_unsure INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_content ON node (content) WHERE content <> 0;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE inline_content ( content INTEGER PRIMARY KEY, modified REAL NOT NULL, bytes BLOB NOT NULL ) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT, link INTEGER NOT NULL DEFAULT 0, read_at REAL NOT NULL DEFAULT 0, attributes TEXT, metadata_changes TEXT, synced_metadata TEXT, data_modified REAL NOT NULL DEFAULT 0, synced_unsure INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_content ON node (content) WHERE content <> 0;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE inline_content ( content INTEGER PRIMARY KEY, modified REAL NOT NULL, bytes BLOB NOT NULL ) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT, link INTEGER NOT NULL DEFAULT 0, read_at REAL NOT NULL DEFAULT 0, attributes TEXT, metadata_changes TEXT, synced_metadata TEXT, data_modified REAL NOT NULL DEFAULT 0, synced_unsure INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_content ON node (content) WHERE content <> 0;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT;
  CREATE TABLE upload_pause (id INTEGER PRIMARY KEY CHECK (id = 1), until REAL) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE feed (id INTEGER PRIMARY KEY CHECK (id = 1), position TEXT NOT NULL, since REAL NOT NULL) STRICT;
  CREATE TABLE inline_content ( content INTEGER PRIMARY KEY, modified REAL NOT NULL, bytes BLOB NOT NULL ) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT, link INTEGER NOT NULL DEFAULT 0, read_at REAL NOT NULL DEFAULT 0, attributes TEXT, metadata_changes TEXT, synced_metadata TEXT, data_modified REAL NOT NULL DEFAULT 0, synced_unsure INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_content ON node (content) WHERE content <> 0;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT;
  CREATE TABLE upload_pause (id INTEGER PRIMARY KEY CHECK (id = 1), until REAL) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE feed (id INTEGER PRIMARY KEY CHECK (id = 1), position TEXT NOT NULL, since REAL NOT NULL) STRICT;
  CREATE TABLE inline_content ( content INTEGER PRIMARY KEY, modified REAL NOT NULL, bytes BLOB NOT NULL ) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT, link INTEGER NOT NULL DEFAULT 0, read_at REAL NOT NULL DEFAULT 0, attributes TEXT, metadata_changes TEXT, synced_metadata TEXT, data_modified REAL NOT NULL DEFAULT 0, synced_unsure INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, failure TEXT) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_content ON node (content) WHERE content <> 0;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT;
  CREATE TABLE upload_pause (id INTEGER PRIMARY KEY CHECK (id = 1), until REAL) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE feed (id INTEGER PRIMARY KEY CHECK (id = 1), position TEXT NOT NULL, since REAL NOT NULL) STRICT;
  CREATE TABLE inline_content ( content INTEGER PRIMARY KEY, modified REAL NOT NULL, bytes BLOB NOT NULL ) STRICT;
  CREATE TABLE node ( id INTEGER PRIMARY KEY, directory INTEGER NOT NULL, parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL, sent TEXT, content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL, writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL, listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL , edits TEXT, link INTEGER NOT NULL DEFAULT 0, read_at REAL NOT NULL DEFAULT 0, attributes TEXT, metadata_changes TEXT, synced_metadata TEXT, data_modified REAL NOT NULL DEFAULT 0, synced_unsure INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, failure TEXT) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_content ON node (content) WHERE content <> 0;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0;
  CREATE TABLE problem (id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL, message TEXT NOT NULL) STRICT;
  CREATE TABLE upload ( node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL ) STRICT;
  CREATE TABLE upload_pause (id INTEGER PRIMARY KEY CHECK (id = 1), until REAL) STRICT`,
];
