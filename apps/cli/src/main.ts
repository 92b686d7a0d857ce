import { mayLoadDriver, runApart } from './process/native-output';
import { run } from './run';

const args = process.argv.slice(2);
if (mayLoadDriver(args)) runApart(args);
else run();
