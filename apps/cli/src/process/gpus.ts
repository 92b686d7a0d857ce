import { describeAdapters } from '@unroll/training';
import { speakApart } from './own-output';

speakApart();
void describeAdapters().then((adapters) => {
  process.stdout.write(JSON.stringify(adapters));
  process.exit();
});
