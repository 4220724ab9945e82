import { CfnResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Gives the resource behind a construct a logical id of its own instead of the one that CDK makes from its place in the
 * tree. Then moving a construct never replaces the resource, which for a table would mean a new and empty one, and
 * whoever reads the template, the tests and the local cloud for two, can call it by its name.
 */
export function setLogicalId(construct: Construct, logicalId: string): CfnResource {
  const resource = construct.node.defaultChild;
  if (!CfnResource.isCfnResource(resource)) {
    throw new Error(`Cannot name ${construct.node.path} "${logicalId}": it has no resource of its own`);
  }
  resource.overrideLogicalId(logicalId);
  return resource;
}
