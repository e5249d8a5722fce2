import type Koffi from 'koffi';

/** System calls that Node lacks, or has only with exceptions. Results below 0 are negative errno numbers. */
export interface Syscalls {
  /** mount(2). */
  mount(source: string, target: string, type: string, flags: number, data: string): number;
  /** umount2(2), on another thread: it may wait for the very process that calls it. */
  unmount(target: string, flags: number): Promise<number>;
  /** A connected pair of Unix sockets, both closed on exec. Throws when there are no descriptors left. */
  socketPair(): [ours: number, theirs: number];
  /** Waits, on another thread, for a descriptor sent over a Unix socket (SCM_RIGHTS); -EPROTO if the other side closed instead. */
  receiveDescriptor(socket: number): Promise<number>;
  /** Makes reads return -EAGAIN where they would wait. */
  setNonBlocking(descriptor: number): number;
  /** ioctl(2) with a struct, changed in place. */
  ioctl(descriptor: number, request: number, argument: Uint8Array): number;
  read(descriptor: number, into: Uint8Array): number;
  write(descriptor: number, bytes: Uint8Array, length: number): number;
  /** writev(2) of two pieces. */
  writeTwo(descriptor: number, head: Uint8Array, headLength: number, data: Uint8Array): number;
  /** lseek(2) with SEEK_DATA or SEEK_HOLE. */
  seek(descriptor: number, offset: number, whence: 'data' | 'hole'): number;
  /** fallocate(2) with FALLOC_FL_PUNCH_HOLE and FALLOC_FL_KEEP_SIZE. */
  punch(descriptor: number, offset: number, length: number): number;
  /** Whether anybody else has the file open, mappings included, by trying fcntl(2) F_SETLEASE; undefined where nobody can tell. */
  isOpenElsewhere(descriptor: number): boolean | undefined;
  /** Calls back on the event loop while the descriptor is readable, or in error; answers the function that ends it. */
  watch(descriptor: number, readable: () => void): () => void;
}

let loaded: Promise<Syscalls> | undefined;

/** The system calls of this process. The native part is loaded on first use, so that who never mounts never loads it. */
export function loadSyscalls(): Promise<Syscalls> {
  loaded ??= import('koffi').then((module) => bind(module.default));
  return loaded;
}

/** Values of bits/socket.h, bits/fcntl-linux.h and errno.h, the same on every architecture that Node's Linux builds support. */
const AF_UNIX = 1;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const MSG_CMSG_CLOEXEC = 0x4000_0000;
const F_GETFL = 3;
const F_SETFL = 4;
const F_SETLEASE = 1024;
const F_WRLCK = 1;
const F_UNLCK = 2;
const O_NONBLOCK = 0o4000;
const EAGAIN = 11;
const EPROTO = 71;
/** Values of linux/fs.h and linux/falloc.h. */
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;

function bind(koffi: typeof Koffi): Syscalls {
  const c = koffi.load(null);
  const mount = c.func('int mount(const char *, const char *, const char *, unsigned long, const char *)');
  const umount2 = c.func('int umount2(const char *, int)');
  const socketpair = c.func('int socketpair(int, int, int, void *)');
  const recvmsg = c.func('int64_t recvmsg(int, void *, int)');
  const fcntl = c.func('int fcntl(int, int, int)');
  const ioctl = c.func('int ioctl(int, unsigned long, void *)');
  const read = c.func('int64_t read(int, void *, size_t)');
  const write = c.func('int64_t write(int, const void *, size_t)');
  const writev = c.func('int64_t writev(int, const void *, int)');
  const lseek = c.func('int64_t lseek(int, int64_t, int)');
  const fallocate = c.func('int fallocate(int, int, int64_t, int64_t)');

  const result = (returned: number): number => (returned < 0 ? -koffi.errno() : returned);
  const vector = new BigUint64Array(4);

  return {
    mount: (source, target, type, flags, data) => result(mount(source, target, type, flags, data)),

    unmount: (target, flags) =>
      new Promise((resolve, reject) => {
        umount2.async(target, flags, (error: Error | null, returned: number) =>
          error === null ? resolve(result(returned)) : reject(error),
        );
      }),

    socketPair: () => {
      const pair = new Int32Array(2);
      // Closed on exec, or the other program would inherit our end and never see it close.
      const returned = result(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
      if (returned < 0) throw new Error(`socketpair: errno ${-returned}`);
      return [pair[0] as number, pair[1] as number];
    },

    receiveDescriptor: (socket) =>
      new Promise((resolve, reject) => {
        const message = descriptorMessage(koffi);
        recvmsg.async(socket, message.header, MSG_CMSG_CLOEXEC, (error: Error | null, returned: number) => {
          if (error !== null) reject(error);
          else resolve(returned < 0 ? result(returned) : returned === 0 ? -EPROTO : descriptorIn(message.control));
        });
      }),

    setNonBlocking: (descriptor) => {
      const flags = result(fcntl(descriptor, F_GETFL, 0));
      return flags < 0 ? flags : result(fcntl(descriptor, F_SETFL, flags | O_NONBLOCK));
    },

    ioctl: (descriptor, request, argument) => result(ioctl(descriptor, request, argument)),
    read: (descriptor, into) => result(read(descriptor, into, into.length)),
    write: (descriptor, bytes, length) => result(write(descriptor, bytes, length)),

    writeTwo: (descriptor, head, headLength, data) => {
      vector[0] = koffi.address(head);
      vector[1] = BigInt(headLength);
      vector[2] = koffi.address(data);
      vector[3] = BigInt(data.length);
      return result(writev(descriptor, vector, 2));
    },

    seek: (descriptor, offset, whence) =>
      result(Number(lseek(descriptor, offset, whence === 'data' ? SEEK_DATA : SEEK_HOLE))),
    punch: (descriptor, offset, length) =>
      result(fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length)),

    isOpenElsewhere: (descriptor) => {
      const refused = result(fcntl(descriptor, F_SETLEASE, F_WRLCK));
      if (refused < 0) return refused === -EAGAIN ? true : undefined;
      fcntl(descriptor, F_SETLEASE, F_UNLCK);
      return false;
    },

    watch: (descriptor, readable) => {
      const handle = koffi.node.poll(descriptor, { readable: true }, readable);
      return () => {
        handle.stop();
        handle.close();
      };
    },
  };
}

interface DescriptorMessage {
  readonly header: BigUint64Array;
  readonly control: Uint8Array;
  /** Kept alive: the header points to them. */
  readonly parts: readonly unknown[];
}

/** struct msghdr (bits/socket.h, 64 bits): name, its length, iovec, its length, control, its length, flags. */
function descriptorMessage(koffi: typeof Koffi): DescriptorMessage {
  const data = new Uint8Array(8);
  const control = new Uint8Array(64);
  const vector = new BigUint64Array([koffi.address(data), 1n]);
  const header = new BigUint64Array(7);
  header[2] = koffi.address(vector);
  header[3] = 1n;
  header[4] = koffi.address(control);
  header[5] = BigInt(control.length);
  return { header, control, parts: [data, vector] };
}

/** The descriptor behind struct cmsghdr (length, level, type). */
function descriptorIn(control: Uint8Array): number {
  const view = new DataView(control.buffer);
  const carries = view.getInt32(8, true) === SOL_SOCKET && view.getInt32(12, true) === SCM_RIGHTS;
  return carries ? view.getInt32(16, true) : -EPROTO;
}
