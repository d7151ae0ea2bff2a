export type { ResetCause } from './chip';
export { VirtualBoard, type VirtualBoardOptions } from './virtual-board';
