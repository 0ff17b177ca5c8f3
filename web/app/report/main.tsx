import { mount } from '../shared/page';
import { ReportPage } from './report';

mount(['日报', 'Daily report'], () => <ReportPage />);
