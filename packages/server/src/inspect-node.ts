import { type ClusterOnDisk, clusterOnDisk } from '@decoraft/host';
import { DecoraftError } from '@decoraft/protocol';
import {
  type InspectedDirectory,
  inspectDirectory,
  type Inspection,
  type InspectOptions,
} from '@decoraft/storage';

/** {@link inspectDirectory}, with whose log it is. */
export type NodeInspection =
  | Exclude<Inspection, InspectedDirectory>
  | (InspectedDirectory & {
      /** `undefined` where the log cannot be read. */
      readonly cluster: ClusterOnDisk | undefined;
    });

/**
 * Says what is in the data directory of a node: to look at only, with no lock, also while the node runs.
 *
 * @throws DecoraftError for errors of the system that say nothing of the directory.
 */
export async function inspectNode(directory: string, options: InspectOptions = {}): Promise<NodeInspection> {
  try {
    const inspection = await inspectDirectory(directory, options);
    if (inspection.kind !== 'inspected') return inspection;
    return { ...inspection, cluster: await clusterIn(inspection) };
  } catch (thrown) {
    throw DecoraftError.from(thrown);
  }
}

async function clusterIn({ log }: InspectedDirectory): Promise<ClusterOnDisk | undefined> {
  if (!log) return undefined;
  return clusterOnDisk({
    configuration: log.snapshot?.configuration,
    imageBeginning: log.snapshotBeginning,
    entries: log.configurationEntries,
  });
}
