import type { OperationId } from '../../server/contract/operations.ts';
import { PASSWORD } from '../support/app.ts';
import { PNG } from '../support/resources.ts';
import { END, START, type World } from './world.ts';

type Fields = { [name: string]: unknown };
export type Sample = { params?: { [name: string]: string }; query?: Fields; body?: Fields };

/** An input that each operation accepts. An operation without one does not compile, and fails the walk. */
export const samples = (world: World): { [Id in OperationId]: Sample } => {
  const meeting = { id: world.meeting.id };
  const participant = { ...meeting, participantId: world.participantId };
  const message = { ...meeting, messageId: world.unknownId };
  const recording = { id: world.recordingId };
  const page = { limit: 10 };
  const event = { id: world.eventId };
  const asked = { ...event, invitationId: world.eventInvitationId };
  const plan = { startsAt: START, endsAt: END, timeZone: 'Europe/Berlin', allDay: false };
  const details = {
    ...{ location: 'Here', status: 'tentative', visibility: 'private', community: 'North', communityType: 'training' },
    ...{ priority: 'high', assigneeId: world.otherUserId, progress: 20, capacity: 12 },
  };
  const [resource, booking] = [{ id: world.resourceId }, { id: world.bookingId }];
  const within = { from: START, to: END };
  const facts = {
    ...{ name: 'Seminar room', description: 'Second floor', location: 'House B', capacity: 2, requiresApproval: true, costPerUse: '12.50' },
    ...{ timeZone: 'Europe/Berlin', bufferBeforeMinutes: 10, bufferAfterMinutes: 15 },
    openingHours: [{ day: 1, opens: '08:00', closes: '18:00' }],
  };
  const address = 'new.person@example.org';
  const shared = {
    ...{ name: 'For partners', kinds: ['event', 'community'], showsBusy: true, fromDate: '2026-11-01', toDate: '2026-12-31' },
    ...{ timeZone: 'Europe/Berlin', expiresAt: '2027-01-01T00:00:00Z', maxViews: 100 },
  };
  return {
    getHealth: {},
    signIn: { body: { email: address, password: PASSWORD } },
    getSession: {},
    signOut: {},
    listCalendarPresets: { query: page },
    createCalendarPreset: { body: { name: 'My rooms', filters: { view: 'week', kinds: 'event,task' } } },
    updateCalendarPreset: { params: { id: world.presetId }, body: { name: 'Other rooms', filters: {} } },
    deleteCalendarPreset: { params: { id: world.presetId } },
    listSharedLinks: { query: { ...page, of: 'everybody' } },
    createSharedLink: { body: { ...shared, scope: 'mine' } },
    updateSharedLink: { params: { id: world.sharedLinkId }, body: shared },
    revokeSharedLink: { params: { id: world.sharedLinkId } },
    deleteSharedLink: { params: { id: world.sharedLinkId } },
    openSharedCalendar: { params: { token: world.shareToken }, body: { pass: world.sharePass } },
    listSharedEntries: { params: { token: world.shareToken }, query: { ...page, from: START, to: END, pass: world.sharePass } },
    listSessions: { query: page },
    revokeSession: { params: { id: world.sessionId } },
    updateProfile: { body: { name: 'Hanna', timeZone: 'Europe/Berlin', locale: 'de-AT' } },
    changePassword: { body: { current: PASSWORD, password: PASSWORD } },
    listUsers: { query: { ...page, q: 'a' } },
    inviteUser: { body: { name: 'Nora', email: address, role: 'staff' } },
    getInvitation: { params: { token: world.invitationToken } },
    acceptInvitation: {
      params: { token: world.invitationToken },
      body: { name: 'Ines', email: 'ines@example.org', password: PASSWORD, timeZone: 'Europe/Berlin', locale: 'en' },
    },
    createMeeting: {
      body: {
        ...{ title: 'Round', description: 'Weekly', startsAt: START, endsAt: END, timeZone: 'Europe/Berlin', meetingType: 'private' },
        ...{ maxParticipants: 10, requiresApproval: true, isRecorded: false, accessCode: 'opensesame' },
        settings: {
          attendeesMaySpeak: true,
          attendeesMayShowCamera: false,
          attendeesMayShare: false,
          attendeesMayChat: 'hosts',
          autoAdmit: 'users',
        },
      },
    },
    listMeetings: { query: { ...page, view: 'mine', q: 'ours', occurrencesOf: world.meeting.id } },
    getMeeting: { params: meeting },
    updateMeeting: {
      params: meeting,
      query: { scope: 'this' },
      body: { title: 'New title', startsAt: START, endsAt: END, timeZone: 'Asia/Tokyo' },
    },
    deleteMeeting: { params: meeting, query: { scope: 'this' } },
    getCalendar: {
      query: {
        ...{ from: START, to: END, kinds: 'event,task', q: 'a', status: 'confirmed', priority: 'high,urgent', organizer: world.userId },
        ...{ assignee: world.userId, community: 'North', resource: world.unknownId, mine: true, busy: false, resources: true, limit: 10 },
      },
    },
    createEvent: { body: { ...plan, kind: 'task', title: 'Report', description: 'Draft', ...details } },
    getEvent: { params: event },
    updateEvent: {
      params: event,
      query: { scope: 'all', dryRun: false },
      body: { ...plan, title: 'New title', description: 'Text', ...details },
    },
    deleteEvent: { params: event, query: { scope: 'this' } },
    restoreEvent: { params: event },
    getEventPeople: { params: event },
    askToEvent: { params: event, query: { scope: 'this' }, body: { email: address, isRequired: false } },
    changeEventPerson: { params: asked, query: { scope: 'this' }, body: { isRequired: false } },
    withdrawFromEvent: { params: asked, query: { scope: 'this' } },
    answerEvent: { params: { id: world.askedEventId }, query: { scope: 'this' }, body: { answer: 'maybe', comment: 'Late' } },
    exportEvent: { params: event, query: { scope: 'this' } },
    readCalendarFeed: { query: { token: world.feedToken } },
    getCalendarFeed: {},
    createCalendarFeed: { body: { scope: 'mine' } },
    revokeCalendarFeed: {},
    importCalendar: {
      query: { dryRun: true },
      body: { text: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR', timeZone: 'Europe/Berlin', visibility: 'staff' },
    },
    previewSeries: {
      body: {
        ...{ rule: 'FREQ=DAILY;COUNT=10', start: '2026-11-23T10:00:00', timeZone: 'Europe/Berlin', allDay: false, durationSeconds: 1800 },
        ...{ exceptions: ['2026-11-24T10:00:00'], extraDates: ['2026-12-24T10:00:00'], from: START, to: END, limit: 10 },
      },
    },
    listOccurrences: { params: event, query: { ...page, from: START, to: END } },
    findConflicts: { body: { ...plan, userIds: [world.otherUserId], resourceIds: [], eventId: world.eventId } },
    getDoor: { params: { joinCode: world.meeting.joinCode } },
    join: { params: { joinCode: world.meeting.joinCode }, body: { displayName: 'Gina', accessCode: 'opensesame' } },
    listWaiting: { params: meeting, query: page },
    approveParticipant: { params: participant },
    rejectParticipant: { params: participant, body: { reason: 'Next group' } },
    approveAll: { params: meeting },
    rejectAll: { params: meeting, body: { reason: 'Next group' } },
    messageWaiting: { params: meeting, body: { text: 'Five minutes more', participantId: world.participantId } },
    renameWaiting: { params: participant, body: { displayName: 'Gustav' } },
    setMeetingLock: { params: meeting, body: { locked: true } },
    listMeetingInvitations: { params: meeting, query: page },
    inviteToMeeting: { params: meeting, body: { email: address } },
    withdrawMeetingInvitation: { params: { ...meeting, invitationId: world.meetingInvitationId } },
    startMeeting: { params: meeting },
    endMeeting: { params: meeting },
    getMediaSetup: {},
    getAuditLog: { params: meeting, query: { ...page, action: 'meeting.create', person: world.userId } },
    getAuditFilters: { params: meeting },
    listMessages: { params: meeting, query: page },
    sendMessage: { params: meeting, body: { text: 'Hello', audience: 'person', toParticipantId: world.unknownId } },
    editMessage: { params: message, body: { text: 'Hello again' } },
    deleteMessage: { params: message },
    listParticipants: { params: meeting, query: { ...page, q: 'a' } },
    changeParticipant: { params: { ...meeting, participantId: world.admittedId }, body: { role: 'presenter', displayName: 'Gus' } },
    listCoHosts: { params: meeting, query: page },
    addCoHost: { params: meeting, body: { userId: world.otherUserId } },
    removeCoHost: { params: { ...meeting, userId: world.coHostId } },
    handOver: { params: meeting, body: { userId: world.otherUserId } },
    muteParticipant: { params: participant, body: { source: 'camera', mayResume: false } },
    askToUnmute: { params: participant, body: { source: 'microphone' } },
    muteAll: { params: meeting, body: { mayUnmute: true } },
    removeParticipant: { params: participant },
    returnToWaiting: { params: participant },
    banParticipant: { params: participant, body: { reason: 'Noise', expiresAt: END } },
    listBans: { params: meeting, query: page },
    liftBan: { params: { ...meeting, banId: world.banId } },
    setSpotlight: { params: { ...meeting, participantId: world.admittedId }, body: { on: false } },
    lowerHand: { params: participant },
    lowerAllHands: { params: meeting },
    startRecording: { params: meeting },
    listRecordings: { params: meeting, query: page },
    pauseRecording: { params: recording },
    resumeRecording: { params: recording },
    stopRecording: { params: recording },
    agreeToRecording: { params: recording },
    getRecording: { params: recording },
    updateRecording: { params: recording, body: { title: 'First part', isShared: true } },
    deleteRecording: { params: recording },
    composeRecording: { params: recording },
    linkRecordingFile: { params: { ...recording, fileId: world.recordingFileId } },
    fetchRecordingFile: { params: { link: world.recordingLink }, query: { download: true } },
    getOwnFeedback: { params: meeting },
    giveFeedback: { params: meeting, body: { meetingRating: 4, mediaRating: 5, comment: 'Good' } },
    listFeedback: { params: meeting, query: page },
    getReport: { params: meeting },
    listReportPeople: { params: meeting, query: page },
    getEngagement: { params: meeting, query: page },
    downloadReport: { params: meeting, query: { format: 'csv' } },
    listResources: {
      query: {
        ...page,
        ...{ type: 'room', status: 'available', capacity: 1, location: 'House', q: 'room', freeFrom: START, freeTo: END },
      },
    },
    createResource: { body: { ...facts, type: 'room' } },
    getResource: { params: resource },
    updateResource: { params: resource, body: facts },
    retireResource: { params: resource, query: { cancelBookings: false } },
    getAvailability: { params: resource, query: { ...within, minutes: 60 } },
    setResourcePhoto: { params: resource, body: { data: PNG } },
    getResourcePhoto: { params: resource, query: { v: 'abc' } },
    deleteResourcePhoto: { params: resource },
    listResourceBookings: { params: resource, query: { ...page, ...within } },
    listBookings: { query: { ...page, view: 'all', type: 'room', ...within } },
    createBooking: { body: { resourceId: world.resourceId, startsAt: START, endsAt: END, title: 'Round' } },
    listSeriesBookings: { params: { id: world.seriesId }, query: page },
    bookSeries: { params: { id: world.seriesId }, body: { resourceId: world.resourceId, policy: 'skip', title: 'Choir' } },
    addSkippedDates: { params: { id: world.seriesBookingId } },
    cancelSeriesBooking: { params: { id: world.seriesBookingId } },
    getBooking: { params: booking },
    approveBooking: { params: booking },
    rejectBooking: { params: booking, body: { reason: 'Repairs' } },
    moveBooking: { params: booking, body: { resourceId: world.resourceId, scope: 'this' } },
    cancelBooking: { params: booking },
  };
};
