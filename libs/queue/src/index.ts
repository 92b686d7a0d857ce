export { checkQueueServer, queueIsReady, QueueModule, QueueRefused } from './queue-module';
export { ticketQueueName, TicketQueue, type TicketJob } from './ticket-queue';
