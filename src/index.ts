/**
 * The library: stores, layers around them, the write-back cache, and what it takes to write more of them.
 *
 * @module cloudfusion
 */

export type {
  CacheStatistics,
  DrainOptions,
  DrainProgress,
  PendingChange,
  Problem,
} from './cache/cache-report.ts';
export type {
  Answer,
  AttributePatch,
  DirectAccess,
  HoleCalls,
  NewFile,
  NodeListing,
  NodeState,
  NodeTree,
  OpenElsewhere,
  OpenFile,
  Ownership,
  RenameMode,
  TreeChange,
  TreeNode,
  Waiter,
} from './cache/node-tree.ts';
export type { SendFailure } from './cache/node.ts';
export { DrainError } from './cache/drain-error.ts';
export {
  type Uploads,
  type WriteBackCache,
  withWriteBackCache,
  type WriteBackCacheOptions,
} from './cache/write-back-cache.ts';
export { HttpClient, type HttpClientOptions } from './http/http-client.ts';
export type { HttpHeaders, HttpRequest, HttpResponse } from './http/http-request.ts';
export type { ResponseBody } from './http/response-body.ts';
export type { Clock } from './http/clock.ts';
export type { RetryOptions } from './http/patience.ts';
export { type RateGovernorOptions, type RequestOutcome, type Place, RateGovernor } from './http/rate-governor.ts';
export type { Throttle } from './http/throttle.ts';
export type { TimeSlot, Timetable } from './http/timetable.ts';
export { type Bandwidth, type RequestFigures, Traffic } from './http/traffic.ts';
export { NewerDatabaseError } from './database/database.ts';
export { configurableProviders } from './config/configurable-providers.ts';
export type { Configuration } from './config/configuration.ts';
export { ConfigurationError } from './config/configuration-error.ts';
export { mountStore, type MountStoreOptions } from './config/mount-store.ts';
export { openStore, type OpenedStore, type OpenStoreOptions } from './config/open-store.ts';
export { type LogLevel, logLevels } from './config/options.ts';
export {
  type ConfigurableProvider,
  parseConfiguration,
  type ParseOptions,
  type ConfigurableSetting,
} from './config/parse-configuration.ts';
export type { Named } from './config/services.ts';
export { DirectoryInUseError } from './database/exclusive-lock.ts';
export type { Notifier } from './fuse/file-system.ts';
export type { Mounted } from './fuse/mount.ts';
export { MountError, type MountErrorCode } from './fuse/mount-error.ts';
export { type UnmountOptions, unmountPath } from './fuse/unmount.ts';
export { withFaults, type FaultOptions, type FaultRates, type Faults, type FaultyStore } from './layers/faults.ts';
export { type MetadataCacheOptions, withMetadataCache } from './layers/metadata-cache.ts';
export { withTimeLimit } from './layers/time-limit.ts';
export { withPrefix } from './layers/prefix.ts';
export {
  type CountingStore,
  type FailureCount,
  type OperationCount,
  type StatisticsOptions,
  type StoreStatistics,
  withStatistics,
} from './layers/statistics.ts';
export { type Provider, providers } from './providers/registry.ts';
export type { ProviderEnvironment, ProviderSetting, Settings } from './providers/service/provider-setting.ts';
export type { Service } from './providers/service/service.ts';
export type { ServiceHttp, ServiceOptions } from './providers/service/service-options.ts';
export { ServiceStore } from './providers/service/service-store.ts';
export type { OAuthLogin } from './providers/google/google-login.ts';
export type { Authorization, OAuthClient } from './http/oauth/authorization-code.ts';
export type { Consent, FinishedLogin, LoginQuestion, ProviderLogin } from './http/oauth/provider-login.ts';
export {
  type GoogleCredentials,
  GoogleStorageStore,
  type GoogleStorageStoreOptions,
} from './providers/gcs/google-storage-store.ts';
export type { HmacKey } from './providers/gcs/hmac-bucket.ts';
export {
  parseServiceAccountKey,
  readServiceAccountKey,
  type ServiceAccountKey,
} from './providers/google/service-account.ts';
export { beginDropboxLogin, type DropboxLogin, finishDropboxLogin } from './providers/dropbox/dropbox-login.ts';
export type { DropboxStoreOptions } from './providers/dropbox/dropbox-options.ts';
export { DropboxStore } from './providers/dropbox/dropbox-store.ts';
export {
  beginDriveLogin,
  type DriveLogin,
  finishDriveLogin,
  type GoogleAddresses,
} from './providers/google-drive/google-drive-login.ts';
export type { GoogleDriveCredentials, GoogleDriveStoreOptions } from './providers/google-drive/google-drive-options.ts';
export { GoogleDriveStore } from './providers/google-drive/google-drive-store.ts';
export { LocalStore, type LocalStoreOptions } from './providers/local/local-store.ts';
export type { AccessKeys } from './providers/bucket/xml-protocol/access-keys.ts';
export type { Addressing } from './providers/s3/s3-endpoint.ts';
export { type Checksums, S3Store, type S3StoreOptions } from './providers/s3/s3-store.ts';
export { logInToSugarSync, type SugarSyncLogin } from './providers/sugarsync/sugarsync-login.ts';
export type { SugarSyncStoreOptions } from './providers/sugarsync/sugarsync-options.ts';
export { SugarSyncStore } from './providers/sugarsync/sugarsync-store.ts';
export type { SugarKeys, SugarPerson } from './providers/sugarsync/sugar-tokens.ts';
export type { WebdavStoreOptions } from './providers/webdav/webdav-options.ts';
export { WebdavStore } from './providers/webdav/webdav-store.ts';
export { MemoryStore, type MemoryStoreOptions } from './providers/memory/memory-store.ts';
export { abortable } from './store/abortable.ts';
export { isTimedOut } from './store/timed-out.ts';
export { isStoreError, StoreError, type StoreErrorCode, type StoreErrorOptions } from './store/errors.ts';
export { assertSource, exactStream, type ExactStreamCall } from './store/exact-stream.ts';
export { deleteEach } from './store/delete-each.ts';
export { noChanges } from './store/no-changes.ts';
export { copyByRewriting, moveByCopying } from './store/fallbacks.ts';
export { type Around, type Call, intercept, type Operation, type Proceed, type Through } from './store/intercept.ts';
export { assertMetadata, keptMetadata, metadataBytes, type MetadataCall } from './store/metadata-rules.ts';
export {
  copyTree,
  type CopyTreeOptions,
  exists,
  find,
  readBytes,
  readText,
  walk,
  type WalkOptions,
  writeBytes,
} from './store/operations.ts';
export { assertCanonical, childOf, isInside, maxNameBytes, nameOf, parentOf, segmentsOf } from './store/path.ts';
export { assertRange, rangeOf } from './store/range.ts';
export { bytesSource, fileSource } from './store/source.ts';
export { storeSource } from './store/store-source.ts';
export type * from './store/store.ts';
export { assertTransfer, type Transfer } from './store/transfer-rules.ts';
