import { mount } from '../shared/page';
import { RehearsalPage } from './rehearsal';

mount(['推演', 'Rehearsal'], () => <RehearsalPage />);
