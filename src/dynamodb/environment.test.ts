import { describe, expect, it } from 'vitest';
import { environmentCredentials, serviceAddress } from './environment.ts';

const urlOf = (environment: Record<string, string>) =>
  serviceAddress('dynamodb', { AWS_REGION: 'ap-southeast-2', ...environment }).endpoint.href;

describe('the address of a service', () => {
  it('is that of the region', () => {
    expect(urlOf({})).toBe('https://dynamodb.ap-southeast-2.amazonaws.com/');
    expect(urlOf({ AWS_REGION: 'cn-north-1' })).toBe('https://dynamodb.cn-north-1.amazonaws.com.cn/');
    expect(urlOf({ AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' })).toBe(
      'https://dynamodb.eu-west-1.amazonaws.com/',
    );
    expect(serviceAddress('sts', { AWS_REGION: 'eu-west-1' }).endpoint.host).toBe('sts.eu-west-1.amazonaws.com');
  });

  it('is what the environment puts in its place, for the service before all', () => {
    const all = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
    const one = { AWS_ENDPOINT_URL_DYNAMODB: 'https://vpce.example:8443/' };
    expect(urlOf(all)).toBe('http://127.0.0.1:4566/');
    expect(urlOf({ ...all, ...one })).toBe('https://vpce.example:8443/');
    expect(urlOf({ ...all, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' })).toMatch(/amazonaws/);
  });

  it.each(['localhost:8000', 'ftp://host', 'http://host/path', 'http://user@host', 'http://host/?a=b'])(
    'is not %s',
    (url) => {
      expect(() => urlOf({ AWS_ENDPOINT_URL_DYNAMODB: url })).toThrow(
        `Cannot use "${url}" as AWS_ENDPOINT_URL_DYNAMODB`,
      );
    },
  );

  it('cannot be without a region', () => {
    expect(() => serviceAddress('dynamodb', {})).toThrow('Set AWS_REGION');
    expect(() => serviceAddress('dynamodb', { AWS_REGION: 'evil.example/' })).toThrow('Cannot use the region');
  });
});

describe('the credentials of the environment', () => {
  it('are those of Lambda', () => {
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    expect(environmentCredentials(keys)).toEqual({ accessKeyId: 'a', secretAccessKey: 'b' });
    expect(environmentCredentials({ ...keys, AWS_SESSION_TOKEN: 'c' })).toEqual({
      accessKeyId: 'a',
      secretAccessKey: 'b',
      sessionToken: 'c',
    });
  });

  it('are missed by name', () => {
    expect(() => environmentCredentials({ AWS_ACCESS_KEY_ID: 'a' })).toThrow('Set AWS_ACCESS_KEY_ID and AWS_SECRET');
  });
});
