import './sorting.css';

import { beginOffline } from '../shared/offline';
import { mount } from '../shared/page';
import { SortingPage } from './sorting';

mount(['分拣', 'Sorting'], () => <SortingPage />);
beginOffline();
