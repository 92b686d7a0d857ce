import { study, validate } from '@unroll/contracts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportedStudy, ImportOptions } from './imported-study';
import { readStudy } from './read-study';

/** A folder of a spec, and what reads a text that is stored there as a study, which must be one that the API takes. */
export function useStudies() {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-import-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = async (text: string, options: ImportOptions = {}): Promise<ImportedStudy> => {
    writeFileSync(join(folder, 'given'), text);
    const { study: found } = await readStudy(join(folder, 'given'), options);
    validate(study.studySpec, found.spec);
    return found;
  };
  return { folder, read };
}
