export { type AppImageOptions, appImage, type ChipName } from './app-image';
export type { ResetCause } from './chip';
export { VirtualBoard, type VirtualBoardOptions } from './virtual-board';
