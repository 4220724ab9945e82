import { randomUUID } from 'node:crypto';
import type { Principals } from '../iam/principals.ts';
import type { ServiceAnswer } from './endpoint.ts';
import type { SignedService } from './signed.ts';

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';
const defaultDurationSeconds = 3_600;

/** Security Token Service: AssumeRole with session tags, in the query protocol (form in, XML out). */
export function createSts(principals: Principals): SignedService {
  return (request) => {
    if (request.method !== 'POST' || request.path !== '/' || request.headers['x-amz-target'] !== undefined)
      return undefined;
    const form = new URLSearchParams(request.body);
    if (form.get('Action') !== 'AssumeRole') return undefined;
    const roleArn = form.get('RoleArn') ?? '';
    const sessionName = form.get('RoleSessionName') ?? '';
    const tags: Record<string, string> = {};
    for (let index = 1; form.has(`Tags.member.${index}.Key`); index++) {
      tags[form.get(`Tags.member.${index}.Key`) ?? ''] = form.get(`Tags.member.${index}.Value`) ?? '';
    }
    if (!/^[\w+=,.@-]{2,64}$/.test(sessionName))
      return refusal(400, 'ValidationError', 'roleSessionName failed to satisfy constraint: [\\w+=,.@-]{2,64}');
    if (!principals.mayAssume(request.caller, roleArn, tags)) {
      const caller = request.caller === 'administrator' ? 'the account' : request.caller.arn;
      const action = Object.keys(tags).length > 0 ? 'sts:TagSession' : 'sts:AssumeRole';
      return refusal(
        403,
        'AccessDenied',
        `User: ${caller} is not authorized to perform: ${action} on resource: ${roleArn}`,
      );
    }
    const durationMs = Number(form.get('DurationSeconds') ?? defaultDurationSeconds) * 1_000;
    const credentials = principals.issue({ roleArn, sessionName, tags, durationMs });
    return xml(
      200,
      `<AssumeRoleResponse xmlns="${namespace}"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROALOCAL:${sessionName}</AssumedRoleId>` +
        `<Arn>${roleArn.replace(':iam::', ':sts::').replace(':role/', ':assumed-role/')}/${sessionName}</Arn></AssumedRoleUser>` +
        `<Credentials><AccessKeyId>${credentials.accessKeyId}</AccessKeyId><SecretAccessKey>${credentials.secretAccessKey}</SecretAccessKey>` +
        `<SessionToken>${credentials.sessionToken}</SessionToken><Expiration>${credentials.expiresAt.toISOString()}</Expiration></Credentials>` +
        `</AssumeRoleResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></AssumeRoleResponse>`,
    );
  };
}

function refusal(status: number, code: string, message: string): ServiceAnswer {
  return xml(
    status,
    `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>` +
      `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
}

function xml(status: number, body: string): ServiceAnswer {
  return { status, contentType: 'text/xml', body };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
