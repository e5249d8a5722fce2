import type { Conduct } from '../fakes/http/gateway.ts';
import type { Service } from './services.ts';

/** One way in which a service cannot be reached, although something may answer. */
export interface WayAway {
  readonly begin: (service: Service) => unknown;
  /** What programs get for what is not here. @default `EIO` or `ETIMEDOUT` */
  readonly errno?: readonly string[];
  /** Some requests get through: what is sent may arrive, and what is small may be answered. */
  readonly isPartial?: true;
}

const page = '<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><form>Room number</form></body></html>\n';

const loginPage: Conduct = (incoming, outgoing) => {
  incoming.resume();
  outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length });
  outgoing.end(incoming.method === 'HEAD' ? undefined : page);
};

const answering = (status: number, headers: Record<string, string> = {}, body = ''): Conduct => {
  return (incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    outgoing.end(incoming.method === 'HEAD' ? undefined : body);
  };
};

/** What may stand between a program and its service. */
export const waysAway: Readonly<Record<string, WayAway>> = {
  'the network is gone': { begin: ({ gateway }) => gateway.goAway() },
  'its name does not resolve': { begin: ({ client }) => void (client.isNameKnown = false) },
  'it answers 500': { begin: ({ gateway }) => void (gateway.conduct = answering(500)) },
  'it answers 503': { begin: ({ gateway }) => void (gateway.conduct = answering(503, {}, 'down for maintenance')) },
  'its answers end half way': {
    isPartial: true,
    begin: ({ gateway }) =>
      void (gateway.conduct = (incoming, outgoing) => gateway.pass(incoming, outgoing, { share: 0.5 })),
  },
  'an empty 200 comes': { begin: ({ gateway }) => void (gateway.conduct = answering(200)) },
  'a login page comes': { begin: ({ gateway }) => void (gateway.conduct = loginPage) },
  // At WebDAV nothing tells it from the server's own answer.
  'a page that is not found comes': {
    errno: ['EIO', 'ENOENT'],
    begin: ({ gateway }) => void (gateway.conduct = answering(404, { 'content-type': 'text/html' }, page)),
  },
  'it sends us on to a login page': {
    begin: ({ gateway }) =>
      void (gateway.conduct = (incoming, outgoing) => {
        if (incoming.url === '/login') return loginPage(incoming, outgoing);
        return answering(302, { location: '/login' })(incoming, outgoing);
      }),
  },
  'it sends us on to a login page elsewhere': {
    begin: ({ gateway }) =>
      void (gateway.conduct = (incoming, outgoing) => {
        if (incoming.url?.startsWith('/portal') === true) return answering(405)(incoming, outgoing);
        return answering(307, { location: gateway.origin.replace('127.0.0.1', 'localhost') + '/portal?from=here' })(
          incoming,
          outgoing,
        );
      }),
  },
  'the login has ended': {
    errno: ['EACCES'],
    begin: ({ gateway, refusal: { status, headers, body } }) =>
      void (gateway.conduct = answering(status, headers, body)),
  },
};
