/** The S3 store against Ceph's server. */
import { startCephRadosgw } from './ceph-radosgw.ts';
import { testS3Server } from './s3-server-suite.ts';

testS3Server({ name: 'ceph-radosgw', start: startCephRadosgw, skip: [] });
