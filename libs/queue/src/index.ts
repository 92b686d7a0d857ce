export { checkQueueServer, QueueModule, QueueRefused } from './queue-module';
export { ticketQueueName, TicketQueue } from './ticket-queue';
