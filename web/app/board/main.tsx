import './board.css';

import { mount } from '../shared/page';
import { BoardPage } from './board';

mount(['指挥台', 'Board'], () => <BoardPage />);
