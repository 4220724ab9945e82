/**
 * The CDK entry. `npx cdk` runs it (cdk.json). `node bin/app.ts` alone writes the same templates without the start-up of
 * the CDK CLI: that is how the local cloud gets its template.
 */
import { createApp } from '../lib/create-app.ts';

const app = await createApp({
  // CDK's own switch, which `cdk synth --no-validation` sets too.
  rules: process.env['CDK_VALIDATION'] !== 'false',
});
app.synth();
