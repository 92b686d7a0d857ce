import { run } from '../run';
import { speakApart } from './own-output';

speakApart();
run();
